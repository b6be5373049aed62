import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["**/static/vendor/", "**/node_modules/"] },
  js.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      curly: "error",
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
    },
  },
  { files: ["build.js"], languageOptions: { globals: globals.node } },
  { files: ["**/judging/**"], languageOptions: { globals: globals.worker } },
  { files: ["**/service-worker.js"], languageOptions: { globals: globals.serviceworker } },
];
