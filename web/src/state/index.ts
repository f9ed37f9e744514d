export { readList, writeList } from './list.ts';
export {
  changeParams,
  goTo,
  type PageName,
  type ParamChange,
  parseRoute,
  type Route,
  routeTo,
  useHash,
} from './route.ts';
export { chooseTheme, startTheme, type Theme, useTheme } from './theme.ts';
