import './language.ts';
import { render } from 'preact';
import './style/base.css';
import './style/top-bar.css';
import './style/viewport.css';
import './style/panels.css';
import './style/action-bar.css';
import './style/inspection.css';
import './style/training.css';
import './style/narrow.css';
import { Session } from './session.ts';
import { installTestHook } from './test-hook.ts';
import { App } from './ui/app.tsx';
import { startPictureRate } from './ui/picture-rate.ts';

// The page and its socket come from the same server.
const url = new URL('live', window.location.href);
url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';

const session = new Session(url.href);
installTestHook(session);
startPictureRate();
const root = document.getElementById('app');
if (root !== null) render(<App session={session} />, root);
