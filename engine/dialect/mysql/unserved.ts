/** What is not served yet answers so. Goes when all of it is. */
import { Problem } from '../../problem/problem.ts';

export function unserved(what: string): Problem {
  return new Problem('NS501', { message: `${what} is not served on MySQL and MariaDB yet.` });
}
