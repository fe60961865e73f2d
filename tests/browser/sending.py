"""Sends from a page without Chatr's own code, over a separate WebSocket."""

from tests.browser.conftest import Visitor

# A user's own script can use their token to talk to the service directly.
FORGE = """
async ([chatId, messages]) => {
  const { url } = await (await fetch('/api/getToken')).json()
  const socket = new WebSocket(url, 'json.webpubsub.azure.v1')
  const acks = []
  await new Promise((resolve) => {
    socket.onopen = () =>
      messages.forEach((data, at) =>
        socket.send(JSON.stringify({ type: 'sendToGroup', group: chatId, ackId: at + 1, dataType: 'json', data })))
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data)
      if (message.type === 'ack') acks.push(message.success)
      if (acks.length === messages.length) resolve()
    }
  })
  socket.close()
  return acks
}
"""


# A second client with the page's sign-in, which acts as another device without a user interface.
SEND = """
async ([name, data]) => {
  const { url } = await (await fetch('/api/getToken')).json()
  const socket = new WebSocket(url, 'json.webpubsub.azure.v1')
  await new Promise((resolve, reject) => {
    socket.onopen = () => socket.send(JSON.stringify({ type: 'event', event: name, dataType: 'json', data, ackId: 1 }))
    socket.onmessage = ({ data: text }) => {
      const message = JSON.parse(text)
      if (message.type === 'ack') message.success ? resolve() : reject(new Error(text))
      if (message.data?.chatEvent === 'error') reject(new Error(message.data.data))
    }
  })
  socket.close()
}
"""


def send(visitor: Visitor, event: str, **data: object) -> None:
    visitor.page.evaluate(SEND, [event, data])
