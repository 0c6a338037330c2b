import { library } from '../../tsdown.base.ts';

export default library({ threads: ['src/preview-worker.ts'] });
