import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

/** Where `npm run dev` finds the rest of a running local stack. */
const localStack = 'http://localhost:4280'

export default defineConfig({
  // No component here, or of the libraries, is written in the way that this leaves out.
  plugins: [vue({ features: { optionsAPI: false } })],
  // Without this every key that looks like an identifier becomes an export. Of the table of look-alikes those are
  // thousands, and Node 24 cannot read the newest letters among them.
  json: { namedExports: false },
  // The content security policy allows nothing but files of our own origin, so nothing may become a data: URL.
  build: {
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    rolldownOptions: {
      output: {
        // What several parts of the page need comes in few files; what only one needs comes with it.
        codeSplitting: {
          groups: [
            { name: 'vue', test: /node_modules[\\/](@vue|vue|vue-router)[\\/]/u, priority: 2 },
            {
              name: 'shared',
              test: /[\\/]src[\\/](?!components[\\/]base[\\/]App(Dialog|Confirm|Menu))/u,
              minShareCount: 2,
              priority: 1,
            },
          ],
        },
      },
    },
  },
  resolve: {
    alias: [
      { find: /^buffer$/u, replacement: fileURLToPath(new URL('src/connection/bytes.ts', import.meta.url)) },
    ],
  },
  server: { proxy: { '/api': localStack, '/.auth': localStack } },
  test: {
    include: ['tests/**/*.test.ts'],
    environment: 'node',
    // Otherwise most of the time goes into importing the page's modules again for each file. What a test replaces is
    // restored even if it fails.
    isolate: false,
    restoreMocks: true,
    unstubGlobals: true,
    // For `make coverage` alone. Not in this folder, where it would count as a source of the build.
    coverage: {
      include: ['src/**/*.{ts,vue}'],
      reporter: ['text'],
      reportsDirectory: '../test-results/coverage',
    },
  },
})
