// Shows a page of its own when Chatr cannot be reached. It keeps nothing else: no chat, no answer of the API.
const cacheName = 'chatr-offline-1'
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
