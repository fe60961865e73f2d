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
    // A browser may forbid, lack or have no room in any of these: only the modules of browser/, which see to that, touch them.
    files: ['src/**'],
    ignores: ['src/browser/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: `Identifier[name=/^(${[
            'localStorage|sessionStorage|indexedDB|caches|cookieStore',
            'AudioContext|BroadcastChannel|SharedWorker|Notification|PushManager|serviceWorker|locks',
          ].join('|')})$/]`,
          message: 'Not every browser gives it: the modules of src/browser/ do.',
        },
      ],
    },
  },
  { files: ['*.config.js'], ...typescript.configs.disableTypeChecked },
  prettier,
)
