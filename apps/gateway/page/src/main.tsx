import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import './style.css';
import { Page } from './page.tsx';
import { leave, refresh } from './run.ts';

const root = document.getElementById('page');
if (root !== null) render(<Page />, root);
addEventListener('pagehide', leave);
void refresh();
