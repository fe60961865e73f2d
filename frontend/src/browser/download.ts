/** Gives the user a file of what the page has. */

export function saveAs(fileName: string, parts: string[]): void {
  const address = URL.createObjectURL(new Blob(parts, { type: 'application/x-ndjson' }))
  const link = document.createElement('a')
  link.href = address
  link.download = fileName
  link.click()
  // The download has its own hold on the data.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
