/** Figures that stand on a page of any colour: dark on white, fonts of the reader's system. */
export const page = {
  style: {
    background: "#fff",
    color: "#1c1f24",
    fontSize: "13px",
    fontFamily: "system-ui, sans-serif",
    overflow: "visible",
  },
};
