/** Keeps where a list of messages is read, and goes back there. */
import { nextTick, type Ref } from 'vue'
import { usePlaces } from './usePlaces'

/** A message, and how far (px) its upper edge is below that of the list. */
interface Place {
  id: string
  below: number
}

export interface PlacedList {
  following: Readonly<Ref<boolean>>
  /** The first and the last message that are in sight in full. */
  inSight: () => { first: string; last: string } | null
  elementOf: (id: string) => HTMLElement | null
  /** Loads a message, and puts it on the page; false when it is not there. */
  bring: (id: string) => Promise<boolean>
}

export interface ListPlace {
  /** To be called when other messages may be in sight. */
  keep: () => void
  /** Whether one came back, and is where one was. */
  goBack: () => Promise<boolean>
}

export function useListPlace(list: Readonly<Ref<HTMLElement | null>>, view: PlacedList): ListPlace {
  const places = usePlaces()

  const belowTop = (element: Element): number =>
    element.getBoundingClientRect().top - (list.value?.getBoundingClientRect().top ?? 0)

  function keep(): void {
    const id = view.following.value ? undefined : view.inSight()?.first
    const element = id === undefined ? null : view.elementOf(id)
    places.keep(id === undefined || element === null ? undefined : { id, below: belowTop(element) })
  }

  async function goBack(): Promise<boolean> {
    const place = places.here() as Place | undefined
    if (place === undefined || !(await view.bring(place.id))) return false
    await nextTick()
    const element = view.elementOf(place.id)
    if (element === null || list.value === null) return false
    list.value.scrollTop += belowTop(element) - place.below
    return true
  }

  return { keep, goBack }
}
