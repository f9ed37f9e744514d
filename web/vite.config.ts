import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin, type UserConfig } from 'vite';

/** A page opened from a disk loads no module scripts: the one bundle is a classic script, run after the page is parsed. */
function classicScripts(): Plugin {
  return {
    name: 'classic-scripts',
    enforce: 'post',
    transformIndexHtml: (html) =>
      html.replaceAll(' type="module"', ' defer').replaceAll(' crossorigin', ''),
  };
}

/** The same page for a static report: its data stand beside it, named by one more script. */
function staticPage(): Plugin {
  return {
    name: 'static-page',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const page = bundle['index.html'];
      if (page?.type !== 'asset')
        throw new Error('static-page: expected `index.html` in the bundle');
      const html = String(page.source).replace(
        '</head>',
        '  <script defer src="./data/index.js"></script>\n  </head>',
      );
      this.emitFile({ type: 'asset', fileName: 'static.html', source: html });
    },
  };
}

const config: UserConfig = defineConfig({
  base: './',
  plugins: [react(), classicScripts(), staticPage()],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    // No data: URLs, so that a page needs no exception in its content security policy.
    assetsInlineLimit: 0,
    modulePreload: false,
    cssCodeSplit: false,
    rolldownOptions: { output: { format: 'iife' } },
    chunkSizeWarningLimit: 1500,
  },
  server: { proxy: { '/api': { target: 'http://127.0.0.1:7373', changeOrigin: true } } },
});

export default config;
