import { library } from '../../tsdown.base.ts';

export default library({ esmOnly: ['ky'], threads: ['src/thread-worker.ts'] });
