/** Lint rules: type-aware TypeScript, the rules of hooks, and no way to write raw HTML. */
import js from "@eslint/js";
import reactHooks from "eslint-plugin-react-hooks";
import globals from "globals";
import tseslint from "typescript-eslint";

const rawHtml = "Label values come from strangers; let React escape them.";

export default tseslint.config(
  { ignores: ["dist", "node_modules"] },
  js.configs.recommended,
  {
    files: ["src/**/*.{ts,tsx}"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { globals: globals.browser, parserOptions: { projectService: true } },
    plugins: { "react-hooks": reactHooks },
    rules: {
      "react-hooks/rules-of-hooks": "error",
      "react-hooks/exhaustive-deps": "error",
      "no-restricted-syntax": [
        "error",
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: rawHtml },
        { selector: "AssignmentExpression[left.property.name='innerHTML']", message: rawHtml },
      ],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
  { files: ["e2e/**", "scripts/**", "*.config.*"], languageOptions: { globals: globals.node } },
  { files: ["e2e/**"], languageOptions: { globals: { ...globals.node, ...globals.browser } } },
  { files: ["vite.config.ts"], extends: [tseslint.configs.strict] },
);
