export { program as default } from "../../tsdown.base.js";
