/** VitePress' own theme, with colours that can be read and nothing wider than a phone (`style.css`). */
import { type Theme, useRoute } from "vitepress";
import theme from "vitepress/theme";
import { nextTick, onMounted, watch } from "vue";
import "./style.css";

/** The theme's front page has no landmark for its content, as its other pages have. */
function markMainContent(): void {
  const content = document.getElementById("VPContent");
  if (content?.classList.contains("is-home")) content.setAttribute("role", "main");
  else content?.removeAttribute("role");
}

export default {
  extends: theme,
  setup() {
    const route = useRoute();
    onMounted(markMainContent);
    watch(
      () => route.path,
      () => nextTick(markMainContent),
    );
  },
} satisfies Theme;
