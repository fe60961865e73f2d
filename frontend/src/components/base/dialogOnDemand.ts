/** Dialogs that are loaded when they are first wanted. One that cannot be loaded is told of, and closed: it may be wanted again. */
import { defineAsyncComponent, defineComponent, type AsyncComponentLoader, type Component } from 'vue'
import { useClient } from '../../composables/useClient'
import { notify } from '../../state/notices'
import { texts } from '../../texts'

const NotLoaded = defineComponent({
  emits: ['update:open', 'update:chat', 'update:message'],
  setup(_, { emit }) {
    notify(useClient().state.notices, texts.notices.notConnected, 'problem')
    emit('update:open', false)
    emit('update:chat', null)
    emit('update:message', null)
    return () => null
  },
})

export const dialogOnDemand = <T extends Component>(load: AsyncComponentLoader<T>): T =>
  defineAsyncComponent<T>({ loader: load, errorComponent: NotLoaded })
