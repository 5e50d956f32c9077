/** A picture: chosen, dropped, or taken with the camera where one is being chosen for the first time. It stays here. */
import { PictureError, type PictureBits, bitsForEnrolment, bitsOf } from "../index.ts";
import { hasCamera, photograph } from "./camera.ts";
import { button, el, fresh, Said } from "./dom.ts";
import { type Scene, type Step, foot } from "./step.ts";
import { ofReason } from "./texts.ts";

const TYPES = "image/jpeg,image/png,image/webp";

/** Asks for it. */
export function pictureStep(scene: Scene, done: (picture: PictureBits) => void): Step {
  const { say, enrolling } = scene;
  const id = fresh("picture");
  const status = new Said();
  const end = foot(scene, () => read && done(read));
  const preview = el("img", { class: "vp1-preview", alt: say("picture.alt"), hidden: true });
  const stage = el("div");
  const saving = el("div", { hidden: true });
  const file = el("input", {
    id,
    type: "file",
    accept: TYPES,
    class: "vp1-file",
    on: { change: () => file.files?.[0] && void take(file.files[0], false) },
  });
  const label = el("span", {}, say("picture.choose"));
  const drop = el(
    "label",
    {
      for: id,
      class: "vp1-drop",
      on: {
        dragover: (event) => {
          event.preventDefault();
          drop.classList.add("vp1-over");
        },
        dragleave: () => drop.classList.remove("vp1-over"),
        drop: (event) => {
          event.preventDefault();
          drop.classList.remove("vp1-over");
          const [dropped] = (event as DragEvent).dataTransfer?.files ?? [];
          if (dropped) void take(dropped, false);
        },
      },
    },
    file,
    preview,
    label,
    el("span", { class: "quiet-text vp1-drop-hint" }, say("picture.drop")),
  );
  let read: PictureBits | undefined;
  let round = 0;
  end.next.hidden = true;

  function wipe(): void {
    round += 1;
    read?.bits.fill(0);
    read = undefined;
    end.next.hidden = true;
    file.value = "";
    show(undefined);
    status.say("");
    end.wrong.say("");
  }

  /** The address of a picture in memory names it and holds nothing of it; it ends with the picture. */
  function show(blob: Blob | undefined): void {
    if (preview.src) URL.revokeObjectURL(preview.src);
    preview.hidden = !blob;
    saving.hidden = true;
    if (blob) preview.src = URL.createObjectURL(blob);
    else preview.removeAttribute("src");
    label.textContent = say(blob ? "picture.another" : "picture.choose");
  }

  async function take(blob: File, photographed: boolean): Promise<void> {
    wipe();
    const mine = round;
    status.say(say("picture.looking"));
    try {
      const bits = await (enrolling ? bitsForEnrolment(blob) : bitsOf(blob));
      // Somebody has chosen another one meanwhile.
      if (mine !== round) return void bits.bits.fill(0);
      read = bits;
      show(blob);
      status.say(say("picture.taken"));
      end.next.hidden = photographed;
      if (photographed) keep();
      else end.next.focus();
    } catch (error) {
      if (mine !== round) return;
      status.say("");
      end.wrong.say(say(error instanceof PictureError ? ofReason(error.reason) : "reason.undecodable"));
      file.focus();
    }
  }

  /** A picture that exists nowhere else must be saved before anything rests on it. */
  function keep(): void {
    const saved = el(
      "a",
      { class: "button", href: preview.src, download: "picture.jpg", on: { click: () => (end.next.hidden = false) } },
      say("picture.save"),
    );
    saving.replaceChildren(el("p", {}, say("picture.must_save")), saved);
    saving.hidden = false;
    saved.focus();
  }

  async function shoot(): Promise<void> {
    wipe();
    if (shutter) shutter.hidden = true;
    try {
      const taken = await photograph(scene, stage);
      if (taken) await take(taken, true);
    } catch {
      end.wrong.say(say("camera.denied"));
    } finally {
      if (shutter) shutter.hidden = false;
    }
  }

  // To sign in, a new picture is of no use.
  const shutter = enrolling && hasCamera() && button(say("picture.camera"), () => void shoot(), { class: "quiet" });
  const body = el(
    "div",
    {},
    enrolling && el("p", {}, say("picture.keep")),
    drop,
    shutter,
    stage,
    status.element,
    saving,
    end.element,
  );
  return { title: say("picture.title"), body, focus: () => file.focus(), wipe };
}
