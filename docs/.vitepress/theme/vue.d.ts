/** What VitePress compiles, TypeScript takes on trust. */
declare module "*.vue" {
  const component: import("vue").DefineComponent;
  export default component;
}
