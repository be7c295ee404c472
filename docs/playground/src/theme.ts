/** Light or dark as the site was set to, or as the system is. */
const dark = matchMedia("(prefers-color-scheme: dark)");

function apply(): void {
  // Where VitePress keeps what its switch was set to.
  const chosen = localStorage.getItem("vitepress-theme-appearance") ?? "auto";
  document.documentElement.classList.toggle("dark", chosen === "dark" || (chosen === "auto" && dark.matches));
}

apply();
dark.addEventListener("change", apply);

/** Whether the visitor has asked for little motion: then pictures change once there is something to see, and don't turn by themselves. */
export const prefersStill: boolean = matchMedia("(prefers-reduced-motion: reduce)").matches;
