/** Says something to the other tabs of this browser. Where a browser has no way to, each tab is on its own. */
export interface OtherTabs {
  tell(): void
  close(): void
}

/** @param told is called when another tab tells. */
export function otherTabs(name: string, told: () => void): OtherTabs {
  try {
    const channel = new BroadcastChannel(name)
    channel.onmessage = told
    return { tell: () => channel.postMessage(null), close: () => channel.close() }
  } catch {
    return { tell: () => undefined, close: () => undefined }
  }
}
