import prettier from 'eslint-config-prettier'
import vue from 'eslint-plugin-vue'
import globals from 'globals'
import typescript from 'typescript-eslint'
import vueParser from 'vue-eslint-parser'

export default typescript.config(
  { ignores: ['dist', 'public'] },
  ...typescript.configs.strictTypeChecked,
  ...vue.configs['flat/recommended'],
  {
    languageOptions: {
      globals: globals.browser,
      parser: vueParser,
      parserOptions: {
        parser: typescript.parser,
        extraFileExtensions: ['.vue'],
        project: './tsconfig.json',
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      'max-lines': ['error', { max: 300, skipComments: true }],
      'vue/no-v-html': 'error',
      'vue/multi-word-component-names': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    // A browser may forbid, lack or have no room in any of these: only the modules that see to that touch them.
    files: ['src/**'],
    ignores: [
      'src/browserStorage.ts',
      'src/chime.ts',
      'src/otherTabs.ts',
      'src/serviceWorker.ts',
      'src/systemNotifications.ts',
      'src/tabs.ts',
    ],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: `Identifier[name=/^(${[
            'localStorage|sessionStorage|indexedDB|caches|cookieStore',
            'AudioContext|BroadcastChannel|SharedWorker|Notification|PushManager|serviceWorker|locks',
          ].join('|')})$/]`,
          message:
            'Not every browser gives it: browserStorage.ts, otherTabs.ts, systemNotifications.ts and chime.ts do.',
        },
      ],
    },
  },
  { files: ['*.config.js'], ...typescript.configs.disableTypeChecked },
  prettier,
)
