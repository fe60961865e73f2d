/// <reference types="vite/client" />
/** Tells plain TypeScript tools, eslint among them, what importing a component gives. */
declare module '*.vue' {
  import type { DefineComponent } from 'vue'
  const component: DefineComponent
  export default component
}
