export { TaskPage } from './task-page.tsx';
