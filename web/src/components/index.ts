export { Checklist, type Option, Segments, Select, Toggle } from './controls.tsx';
export { type Column, DataTable } from './data-table.tsx';
export { IntervalBar } from './interval-bar.tsx';
export { Menu } from './menu.tsx';
export { Facts, PageHead, Panel } from './panel.tsx';
export { Answered, Empty } from './states.tsx';
export { EstimateStatus, Status, type Tone, Verdict } from './status.tsx';
