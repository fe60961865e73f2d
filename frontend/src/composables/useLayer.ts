/** Has Back close what is open over the screen; SignedIn.vue provides what components register with. */
import { inject, onUnmounted, provide, watch, type InjectionKey, type Ref } from 'vue'
import type { RouteLocationNormalized, Router } from 'vue-router'
import { Layers, type LayerHistory } from '../layers'

const key: InjectionKey<Layers> = Symbol('layers')

type EntryState = { layers?: number } | null

const browserHistory: LayerHistory = {
  depth: () => (history.state as EntryState)?.layers ?? 0,
  // The rest of the state is the router's.
  push: (layers) => history.pushState({ ...(history.state as EntryState), layers }, ''),
  go: (delta) => history.go(delta),
}

export function provideLayers(router: Router): void {
  const layers = new Layers(browserHistory, (run) => setTimeout(run))
  const moved = (): void => layers.moved()
  let goal: RouteLocationNormalized | null = null
  const stopBefore = router.beforeEach((to) => {
    goal = to
    layers.navigates(true)
  })
  const ended = (to: RouteLocationNormalized): void => {
    // One that gave way to another ends while that is on its way.
    if (to === goal) goal = null
    layers.navigates(goal !== null)
  }
  const stopAfter = router.afterEach(ended)
  const stopOnError = router.onError((_, to) => ended(to))
  window.addEventListener('popstate', moved)
  onUnmounted(() => {
    stopBefore()
    stopAfter()
    stopOnError()
    window.removeEventListener('popstate', moved)
  })
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
