export { study as default } from "../../tsdown.base.js";
