/** The sound of news. */

/** What of the browser is needed; it may be missing, and refuse. */
export interface SoundingBrowser {
  AudioContext?: typeof AudioContext
}

/** Two soft notes; silence where the browser makes no sound, as before the first click in some. */
export function chime({ AudioContext }: SoundingBrowser): void {
  if (AudioContext === undefined) return
  try {
    play(new AudioContext())
  } catch {
    // Only so many sounds are made at a time.
  }
}

function play(context: AudioContext): void {
  const loudness = context.createGain()
  loudness.connect(context.destination)
  loudness.gain.setValueAtTime(0.08, context.currentTime)
  loudness.gain.exponentialRampToValueAtTime(0.0001, context.currentTime + 0.5)
  const tone = context.createOscillator()
  tone.connect(loudness)
  tone.frequency.setValueAtTime(660, context.currentTime)
  tone.frequency.setValueAtTime(880, context.currentTime + 0.12)
  tone.onended = () => void context.close().catch(() => undefined)
  tone.start()
  tone.stop(context.currentTime + 0.5)
}
