/** Whoever begins to type while no field has the focus writes here: the key itself is then typed into the field. */
import { onMounted, onUnmounted, type Ref } from 'vue'
import { isCovered, isField, writes } from '../keyboard/keys'

export function useTypedAnywhere(field: Readonly<Ref<HTMLElement | null>>): void {
  function pressed(event: KeyboardEvent): void {
    if (event.defaultPrevented || isField(event.target) || isCovered()) return
    if (writes(event, navigator.platform)) field.value?.focus()
  }

  onMounted(() => window.addEventListener('keydown', pressed))
  onUnmounted(() => window.removeEventListener('keydown', pressed))
}
