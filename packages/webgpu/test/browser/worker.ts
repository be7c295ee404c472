/** The backend in a worker: one evaluation, told to the page. */
import { webgpuBackend } from "@comhe/webgpu";
import { evaluateOnce } from "./page.js";

postMessage(await evaluateOnce(webgpuBackend));
