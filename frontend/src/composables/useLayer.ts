/** Has Back close what is open over the screen; SignedIn.vue provides what components register with. */
import { inject, onUnmounted, provide, watch, type InjectionKey, type Ref } from 'vue'
import { Layers, type LayerHistory } from '../navigation/layers'

const key: InjectionKey<Layers> = Symbol('layers')

/** What of the state is the router's: a number for each of its entries. */
type State = { position?: number; layers?: number } | null

const browserHistory: LayerHistory = {
  entry() {
    const state = history.state as State
    return { screen: state?.position, depth: state?.layers ?? 0 }
  },
  push: (layers) => history.pushState({ ...(history.state as State), layers }, ''),
  go: (delta) => history.go(delta),
}

export function provideLayers(): void {
  const layers = new Layers(browserHistory)
  const moved = (): void => layers.moved()
  window.addEventListener('popstate', moved)
  onUnmounted(() => window.removeEventListener('popstate', moved))
  provide(key, layers)
}

export function useLayer(open: Ref<boolean>): void {
  const layers = inject(key)
  if (layers === undefined) throw new Error('useLayer works only below SignedIn.vue.')
  let remove = (): void => undefined
  watch(
    open,
    (isOpen) => {
      remove()
      remove = isOpen ? layers.add(() => (open.value = false)) : () => undefined
    },
    { immediate: true },
  )
  onUnmounted(() => remove())
}
