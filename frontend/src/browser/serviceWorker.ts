/** Has the service worker (public/sw.js) installed. Browsers that have none, or forbid it, do without. */
export async function installServiceWorker(): Promise<void> {
  try {
    await navigator.serviceWorker.register('/sw.js')
  } catch {
    // Only a page without a connection, and notifications on phones, are lost.
  }
}
