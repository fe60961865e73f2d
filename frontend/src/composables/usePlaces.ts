/** Where one was on each screen, for whoever comes back by Back or Forward; SignedIn.vue provides it. */
import { inject, onUnmounted, provide, type InjectionKey } from 'vue'
import { useRouter } from 'vue-router'
import { Places } from '../navigation/places'

const key: InjectionKey<Places> = Symbol('places')

export function providePlaces(): void {
  const router = useRouter()
  const places = new Places(() => (history.state as { position?: number } | null)?.position)
  let byHistory = false
  const stopListening = router.options.history.listen(() => (byHistory = true))
  const stopFollowing = router.afterEach((to, from, failure) => {
    // What lies over a screen has entries, too.
    if (!failure && to.fullPath !== from.fullPath) places.arrived(byHistory)
    byHistory = false
  })
  onUnmounted(() => {
    stopListening()
    stopFollowing()
  })
  provide(key, places)
}

export function usePlaces(): Places {
  const places = inject(key)
  if (places === undefined) throw new Error('usePlaces works only below SignedIn.vue.')
  return places
}
