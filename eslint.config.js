import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** Kernels index typed arrays in loops whose bounds are right above: `!` there is a type-level read, not a hope. */
const kernels = [
  'src/stats/**',
  'src/graph/**',
  'src/probe/**',
  'src/engine/**',
  'src/model/**',
  'src/safetensors/**',
  'src/forecast/**',
  'src/estimate/**',
];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', '.sonde/', 'examples/'] },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Draws are keyed by a seed: use stats.' },
        { object: 'process', property: 'exit', message: 'Set process.exitCode in src/cli/bin.ts.' },
      ],
      'max-lines': ['error', { max: 350, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', { max: 4 }],
    },
  },
  {
    files: ['web/src/**'],
    extends: [reactHooks.configs.flat['recommended-latest']],
  },
  { files: kernels, rules: { '@typescript-eslint/no-non-null-assertion': 'off' } },
  {
    files: ['**/*.test.ts', 'test/**'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off', 'max-lines': 'off' },
  },
);
