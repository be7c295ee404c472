/** VitePress' own theme, with colours that can be read and nothing wider than a phone (`style.css`). */
import { type Theme, useRoute } from "vitepress";
import theme from "vitepress/theme";
import { h, nextTick, onMounted, watch } from "vue";
import LiveSphere from "./LiveSphere.vue";
// Written by `scripts/package-map.mjs` and `scripts/study-figure.mjs`.
import PackageMap from "./PackageMap.vue";
import StudyFigure from "./StudyFigure.vue";
import "./style.css";
import "./front-page.css";

/** The theme's front page has no landmark for its content, as its other pages have. */
function markMainContent(): void {
  const content = document.getElementById("VPContent");
  if (content?.classList.contains("is-home")) content.setAttribute("role", "main");
  else content?.removeAttribute("role");
}

export default {
  extends: theme,
  Layout: () => h(theme.Layout, null, { "home-hero-image": () => h(LiveSphere) }),
  enhanceApp: ({ app }) => void app.component("PackageMap", PackageMap).component("StudyFigure", StudyFigure),
  setup() {
    const route = useRoute();
    onMounted(markMainContent);
    watch(
      () => route.path,
      () => nextTick(markMainContent),
    );
  },
} satisfies Theme;
