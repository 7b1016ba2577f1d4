/** Keys whose features come later: any value is taken, and answered with `NOT_ENFORCED`. */
import { anything, optional } from '../shape.ts';

export const further = {
  plans: optional(anything('Plans and quotas of applications.')),
  keys: optional(anything('Keys of applications.')),
  versions: optional(anything('Versions of the API.')),
  webhooks: optional(anything('Calls on changes of data.')),
  storage: optional(anything('Files.')),
  privacy: optional(anything('Personal data: tags, residency, retention.')),
  realtime: optional(anything('Changes as they happen.')),
};
