/** Zooms and moves a diagram in its scrolling view: the size of the picture is the zoom, scrolling is the place. */

const step = 1.25;
const [least, most] = [0.05, 3];
const readable = 0.35;
/** A press that moves no further is a click. */
const stillness = 4;

class TableDiagram extends HTMLElement {
  #scale = 1;

  connectedCallback(): void {
    const view = this.querySelector<HTMLElement>('.view')!;
    const picture = view.querySelector('svg')!;
    const shown = this.querySelector('output')!;
    const natural = picture.viewBox.baseVal;

    /** The point of the picture at `x`, `y` of the view stays where it is. */
    const zoom = (scale: number, x = view.clientWidth / 2, y = view.clientHeight / 2): void => {
      const next = Math.min(most, Math.max(least, scale));
      const grown = next / this.#scale;
      const [left, top] = [(view.scrollLeft + x) * grown - x, (view.scrollTop + y) * grown - y];
      this.#scale = next;
      picture.setAttribute('width', String(Math.round(natural.width * next)));
      picture.setAttribute('height', String(Math.round(natural.height * next)));
      view.scrollTo({ left, top, behavior: 'instant' });
      shown.value = `${Math.round(next * 100)} %`;
    };
    const fit = (): void => {
      const across = view.clientWidth / natural.width;
      const whole =
        document.fullscreenElement === this ? Math.min(across, view.clientHeight / natural.height) : across;
      zoom(Math.min(1, whole));
      // A bar that came or went has changed the room.
      if (Math.abs(view.clientWidth / natural.width - across) > 0.001 && whole === across)
        zoom(Math.min(1, view.clientWidth / natural.width));
    };
    const actions: Readonly<Record<string, () => void>> = {
      in: () => zoom(this.#scale * step),
      out: () => zoom(this.#scale / step),
      fit,
      whole: () =>
        void (document.fullscreenElement === this ? document.exitFullscreen() : this.requestFullscreen()),
    };
    for (const button of this.querySelectorAll<HTMLButtonElement>('[data-do]')) {
      const name = button.dataset.do!;
      button.hidden = name === 'whole' && !document.fullscreenEnabled;
      button.addEventListener('click', () => actions[name]!());
    }
    shown.hidden = false;
    this.querySelector<HTMLElement>('.hint')!.hidden = false;
    this.classList.add('live');

    const keys: Readonly<Record<string, string>> = { '+': 'in', '=': 'in', '-': 'out', '0': 'fit' };
    view.addEventListener('keydown', (event) => {
      const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
      if (action === undefined) return;
      event.preventDefault();
      actions[action]!();
    });
    view.addEventListener(
      'wheel',
      (event) => {
        // The wheel alone scrolls, so that the page can be read past the picture.
        if (!event.ctrlKey && !event.metaKey && document.fullscreenElement !== this) return;
        event.preventDefault();
        const box = view.getBoundingClientRect();
        zoom(this.#scale * Math.exp(-event.deltaY / 400), event.clientX - box.left, event.clientY - box.top);
      },
      { passive: false },
    );
    this.addEventListener('fullscreenchange', fit);
    drag(view);
    light(picture);
    fit();
    // A large one opens where names can be read.
    if (this.#scale < readable) zoom(readable, 0, 0);
  }
}

/** Fingers scroll by themselves. */
function drag(view: HTMLElement): void {
  let held:
    | { readonly x: number; readonly y: number; readonly left: number; readonly top: number }
    | undefined;
  let moved = false;
  view.addEventListener('pointerdown', (event) => {
    moved = false;
    if (event.pointerType === 'mouse' && event.button === 0)
      held = { x: event.clientX, y: event.clientY, left: view.scrollLeft, top: view.scrollTop };
  });
  view.addEventListener('pointermove', (event) => {
    if (held === undefined) return;
    const [x, y] = [event.clientX - held.x, event.clientY - held.y];
    if (!moved && Math.hypot(x, y) < stillness) return;
    if (!moved) view.setPointerCapture(event.pointerId);
    moved = true;
    view.classList.add('held');
    view.scrollTo({ left: held.left - x, top: held.top - y, behavior: 'instant' });
  });
  const release = (): void => {
    held = undefined;
    view.classList.remove('held');
  };
  view.addEventListener('pointerup', release);
  view.addEventListener('pointercancel', release);
  view.addEventListener('dragstart', (event) => event.preventDefault());
  // The end of a drag on a table is no click on its link.
  view.addEventListener(
    'click',
    (event) => {
      if (moved) event.preventDefault();
      moved = false;
    },
    true,
  );
}

/** The lines of the table that is pointed at, or has the focus. */
function light(picture: SVGSVGElement): void {
  const lines = [...picture.querySelectorAll<SVGGElement>('.line')];
  const show = (event: Event): void => {
    const left = event.type === 'pointerleave' || event.type === 'focusout';
    const table = left
      ? undefined
      : (event.target as Element).closest<SVGElement>('[data-table]')?.dataset.table;
    for (const line of lines)
      line.classList.toggle('lit', table !== undefined && line.dataset.tables!.split(' ').includes(table));
  };
  for (const name of ['pointerover', 'focusin', 'pointerleave', 'focusout'])
    picture.addEventListener(name, show);
}

customElements.define('table-diagram', TableDiagram);
