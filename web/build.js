// Bundles what others wrote into the static files of the server: `make web` runs it.
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const OUT = "../src/memesdetection/server/static/vendor/";
// The build without relaxed SIMD runs everywhere, and no slower where that was measured.
const RUNTIME = "litert_wasm_compat_internal";
const BUNDLED = ["@litertjs/core", "@litertjs/wasm-utils", "exifreader", "image-size"];

await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });
await build({
  entryPoints: ["vendor/litert.js", "vendor/headers.js"],
  outdir: OUT,
  bundle: true,
  format: "esm",
  minify: true,
  target: "es2022",
  legalComments: "eof",
  logLevel: "warning",
});
for (const end of ["js", "wasm"]) {
  await copyFile(`node_modules/@litertjs/core/wasm/${RUNTIME}.${end}`, `${OUT}runtime.${end}`);
}
const lines = await Promise.all(
  BUNDLED.map(async (name) => {
    const about = JSON.parse(await readFile(`node_modules/${name}/package.json`, "utf8"));
    const source = about.repository?.url ?? about.repository ?? about.homepage ?? "";
    return `${name} ${about.version}, ${about.license}: ${source}\n`;
  }),
);
await writeFile(`${OUT}licences.txt`, `What these files hold, unchanged:\n\n${lines.join("")}`);
