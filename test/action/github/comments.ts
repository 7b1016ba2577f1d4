/** Comments, labels and their history, of issues and so of pull requests. */
import {
  type Answer,
  type Asked,
  app,
  created,
  type Handler,
  invalid,
  lookup,
  ok,
  type Site,
  user,
} from './answer.ts';
import type { Json } from './description.ts';
import { shape } from './shape.ts';
import {
  actionsBot,
  type Comment,
  type HostedRepository,
  type LabelEvent,
  type PullRequest,
} from './state.ts';

const maxBody = 65_536;

export const commentHandlers: Readonly<Record<string, Handler>> = {
  'issues/get': (asked, repository) => ok(issue(pullOf(asked, repository), repository, asked)),
  'issues/list-comments': (asked, repository) => {
    const { number } = pullOf(asked, repository);
    const since = asked.query.since ?? '';
    const found = repository.comments.filter((one) => one.issue === number && one.updatedAt >= since);
    return { list: found.map((one) => shown(one, repository, asked)) };
  },
  'issues/create-comment': (asked, repository) => {
    const { number } = pullOf(asked, repository);
    const now = asked.clock.now();
    const comment: Comment = {
      id: asked.clock.id(),
      issue: number,
      body: checked(asked.body.body),
      author: asked.actor,
      app: asked.actor.id === actionsBot.id ? 'github-actions' : undefined,
      createdAt: now,
      updatedAt: now,
    };
    repository.comments.push(comment);
    return created(shown(comment, repository, asked));
  },
  'issues/get-comment': (asked, repository) => ok(shown(commentOf(asked, repository), repository, asked)),
  'issues/update-comment': (asked, repository) => {
    const comment = commentOf(asked, repository);
    comment.body = checked(asked.body.body);
    comment.updatedAt = asked.clock.now();
    return ok(shown(comment, repository, asked));
  },
  'issues/delete-comment': (asked, repository): Answer => {
    repository.comments.splice(repository.comments.indexOf(commentOf(asked, repository)), 1);
    return { status: 204 };
  },
  'issues/list-labels-on-issue': (asked, repository) => ({
    list: [...pullOf(asked, repository).labels].map(label),
  }),
  'issues/add-labels': (asked, repository) => {
    const pull = pullOf(asked, repository);
    const wanted: readonly Json[] = Array.isArray(asked.body) ? asked.body : asked.body.labels;
    for (const one of wanted) setLabel(pull, one.name ?? one, asked);
    return ok([...pull.labels].map(label));
  },
  'issues/remove-label': (asked, repository) => {
    const pull = pullOf(asked, repository);
    lookup(pull.labels.has(asked.path.name!) ? pull : undefined);
    removeLabel(pull, asked.path.name!, asked);
    return ok([...pull.labels].map(label));
  },
  'issues/list-events': (asked, repository) => ({ list: pullOf(asked, repository).events.map(labelEvent) }),
  'issues/list-events-for-timeline': (asked, repository) => {
    const pull = pullOf(asked, repository);
    const comments = repository.comments.filter((one) => one.issue === pull.number);
    const entries = [
      ...pull.events.map((one) => [one.createdAt, labelEvent(one)] as const),
      ...comments.map((one) => [one.createdAt, timelineComment(one, repository, asked)] as const),
    ];
    return { list: entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry) };
  },
};

/** Sets a label as somebody does on the website. */
export function setLabel(pull: PullRequest, name: string, by: Pick<Asked, 'actor' | 'clock'>): void {
  if (pull.labels.has(name)) return;
  pull.labels.add(name);
  pull.events.push(eventOf(name, by));
}

export function removeLabel(pull: PullRequest, name: string, by: Pick<Asked, 'actor' | 'clock'>): void {
  pull.labels.delete(name);
  pull.events.push({ ...eventOf(name, by), event: 'unlabeled' });
}

export function issueUrl({ fullName }: HostedRepository, number: number, { url }: Site): string {
  return `${url}/repos/${fullName}/issues/${number}`;
}

function eventOf(name: string, { actor, clock }: Pick<Asked, 'actor' | 'clock'>): LabelEvent {
  return { id: clock.id(), event: 'labeled', label: name, actor, createdAt: clock.now() };
}

/** Every pull request is an issue, and there are no others here. */
export function pullOf(asked: Asked, repository: HostedRepository): PullRequest {
  return lookup(repository.pulls.get(Number(asked.path.issue_number ?? asked.path.pull_number)));
}

function commentOf(asked: Asked, repository: HostedRepository): Comment {
  return lookup(repository.comments.find(({ id }) => id === Number(asked.path.comment_id)));
}

/** Counted in characters as Unicode has them, as GitHub's database does. */
function checked(body: string): string {
  const resource = 'IssueComment';
  if (body.trim() === '')
    throw invalid({ resource, code: 'missing_field', field: 'body', message: "Body can't be blank" });
  if ([...body].length > maxBody)
    throw invalid({
      resource,
      code: 'unprocessable',
      field: 'data',
      message: `Body is too long (maximum is ${maxBody} characters)`,
    });
  return body;
}

function shown(comment: Comment, repository: HostedRepository, asked: Asked): Json {
  return shape('issue-comment', {
    id: comment.id,
    node_id: `IC_${comment.id}`,
    url: `${asked.url}/repos/${repository.fullName}/issues/comments/${comment.id}`,
    html_url: `https://github.com/${repository.fullName}/pull/${comment.issue}#issuecomment-${comment.id}`,
    issue_url: issueUrl(repository, comment.issue, asked),
    body: comment.body,
    user: user(comment.author),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: comment.author.type === 'Bot' ? 'NONE' : 'MEMBER',
    performed_via_github_app: app(comment.app),
  });
}

function timelineComment(comment: Comment, repository: HostedRepository, asked: Asked): Json {
  const { pin: _pin, ...rest } = shown(comment, repository, asked);
  return shape('timeline-comment-event', { ...rest, event: 'commented', actor: user(comment.author) });
}

function label(name: string): Json {
  return shape('label', { name, color: 'd73a4a', default: false });
}

function labelEvent({ id, event, label: name, actor, createdAt }: LabelEvent): Json {
  return shape(`${event}-issue-event`, {
    id,
    node_id: `LE_${id}`,
    event,
    actor: user(actor),
    label: { name, color: 'd73a4a' },
    created_at: createdAt,
  });
}

function issue(pull: PullRequest, repository: HostedRepository, asked: Asked): Json {
  return shape('issue', {
    id: 5_000 + pull.number,
    number: pull.number,
    title: pull.title,
    body: pull.body,
    state: pull.state,
    user: user(pull.author),
    labels: [...pull.labels].map(label),
    url: issueUrl(repository, pull.number, asked),
    comments: repository.comments.filter((one) => one.issue === pull.number).length,
    pull_request: {
      url: `${asked.url}/repos/${repository.fullName}/pulls/${pull.number}`,
      html_url: `https://github.com/${repository.fullName}/pull/${pull.number}`,
      diff_url: null,
      patch_url: null,
    },
  });
}
