"""Scripts for a page that delay its first responses."""

# API calls that wait until the test releases them.
HELD_ANSWERS = """
const { fetch } = window
const held = { '/me/chats': Promise.withResolvers(), '/messages': Promise.withResolvers() }
window.letThrough = name => held[name].resolve()
window.fetch = async (address, init) => {
  for (const name in held) if (address.includes(name)) await held[name].promise
  return fetch(address, init)
}
"""


FORGET_CHATS = "localStorage.removeItem('chatr.cache/chats')"
