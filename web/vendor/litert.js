// LiteRT.js, which runs the model.
export { getGlobalLiteRt, loadAndCompile, loadLiteRt, Tensor } from "@litertjs/core";
