/** Builds dist/ from src/, here and for the listener next door: the same bytes for the same sources and lock file, on any machine. */
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { build } from "esbuild";

const here = import.meta.dirname;
process.chdir(here);
const { version } = JSON.parse(await readFile("node_modules/cytoscape/package.json", "utf8"));

/** The newline after the banner matters: Streamlit takes a string without one for a file path. */
const options = { absWorkingDir: here, bundle: true, minify: true, format: "esm", target: "es2022", charset: "utf8", legalComments: "none", logLevel: "warning" };
const banner = (text) => ({ js: `/* ${text} */`, css: `/* ${text} */` });
const bundled = `Prepgraph concept map. Contains Cytoscape.js ${version}, MIT, see LICENSE.cytoscape.txt. Built from src/ by build.mjs.`;

await mkdir("dist", { recursive: true });
await build({ ...options, entryPoints: ["src/map.ts", "src/map.css"], outdir: "dist", banner: banner(bundled) });
await build({ ...options, entryPoints: ["src/control.ts", "src/control.css"], outdir: "dist", banner: banner("Prepgraph concept map, control. Built from src/ by build.mjs.") });
await build({ ...options, entryPoints: ["src/keys.ts", "src/keys.css"], outdir: "dist", banner: banner("Prepgraph concept map, keys. Built from src/ by build.mjs.") });
await build({ ...options, entryPoints: ["src/scene.ts"], outdir: "dist", banner: banner("Prepgraph concept map, scene. Built from src/ by build.mjs.") });
await build({ ...options, entryPoints: ["../citation_links/src/listener.js", "../citation_links/src/listener.css"], outdir: "../citation_links/dist", banner: banner("Prepgraph page links. Built from src/ by concept_map/build.mjs.") });
await copyFile("node_modules/cytoscape/LICENSE", "dist/LICENSE.cytoscape.txt");
