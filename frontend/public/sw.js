// Shows a page of its own when Chatr cannot be reached, and what was clicked of the system's notifications. It keeps
// nothing else: no chat, no answer of the API.
const cacheName = 'chatr-offline-2'
const kept = ['/offline.html', '/offline.css', '/favicon.svg']

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll(kept)))
  self.skipWaiting()
})

self.addEventListener('activate', (event) => {
  const old = (names) => names.filter((name) => name !== cacheName)
  event.waitUntil(caches.keys().then((names) => Promise.all(old(names).map((name) => caches.delete(name)))))
})

self.addEventListener('fetch', (event) => {
  const { pathname, origin } = new URL(event.request.url)
  const isPage = event.request.mode === 'navigate' && !/^\/(api|\.auth)\//u.test(pathname)
  const isOwn = origin === self.location.origin && kept.includes(pathname)
  if (isPage) event.respondWith(fetch(event.request).catch(() => caches.match('/offline.html')))
  else if (isOwn) event.respondWith(fetch(event.request).catch(() => caches.match(pathname)))
})

// A notification leads to its chat: in a page that is open, else in a new one.
self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(openChat(event.notification.data.chatId))
})

async function openChat(chatId) {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  if (pages.length === 0) return self.clients.openWindow(`/chat/${encodeURIComponent(chatId)}`)
  pages[0].postMessage({ showChat: chatId })
  await pages[0].focus()
}
