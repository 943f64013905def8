import { build } from "esbuild";

const settings = {
  define: { "process.env.NODE_ENV": '"production"', "process.env": "{}", global: "globalThis" },
  target: "esnext",
};

/**
 * The renderer and what it needs, 4,000 modules, as one file that the page loads beside its own.
 *
 * Rollup takes a minute for them, esbuild, which Vite uses for the same purpose while developing, a few seconds.
 */
const renderer = {
  name: "renderer",
  enforce: "pre",
  resolveId: (source) => (source === "./renderer.js" ? { id: source, external: true } : null),
  async generateBundle() {
    const { outputFiles } = await build({
      ...settings,
      entryPoints: ["src/renderer.js"],
      bundle: true,
      format: "esm",
      legalComments: "none",
      logLevel: "error",
      outdir: "assets",
      write: false,
    });
    for (const { path, contents } of outputFiles) {
      const name = path.endsWith(".css") ? "renderer.css" : "renderer.js";
      this.emitFile({ type: "asset", fileName: `assets/${name}`, source: contents });
    }
  },
  transformIndexHtml: () => [{ tag: "link", attrs: { rel: "stylesheet", href: "/assets/renderer.css" } }],
};

export default {
  define: settings.define,
  esbuild: { jsxFactory: "createElement" },
  plugins: [renderer],
  build: { target: settings.target, minify: false, modulePreload: false, reportCompressedSize: false },
};
