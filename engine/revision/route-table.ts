/** Which methods each path of a revision has: Fastify answers 404 where the method is wrong, we say which are right. */
import type { FastifyInstance } from 'fastify';

interface Route {
  readonly segments: readonly string[];
  readonly methods: Set<string>;
}

export class RouteTable {
  readonly #routes = new Map<string, Route>();

  /** Collects every route that is registered from here on. */
  watch(app: FastifyInstance): void {
    app.addHook('onRoute', ({ url, method }) => {
      const route = this.#routes.get(url) ?? { segments: url.split('/'), methods: new Set() };
      this.#routes.set(url, route);
      for (const one of Array.isArray(method) ? method : [method]) route.methods.add(one);
    });
  }

  /** In alphabetical order; empty where no route has this path. */
  methodsOf(pathname: string): string[] {
    const segments = pathname.split('/');
    const methods = new Set<string>();
    for (const route of this.#routes.values())
      if (fits(route.segments, segments)) for (const method of route.methods) methods.add(method);
    return [...methods].sort();
  }
}

function fits(pattern: readonly string[], segments: readonly string[]): boolean {
  for (const [index, part] of pattern.entries()) {
    if (part === '*') return segments.length > index;
    const segment = segments[index];
    if (segment === undefined) return false;
    if (part.startsWith(':') ? segment === '' : part !== segment) return false;
  }
  return pattern.length === segments.length;
}
