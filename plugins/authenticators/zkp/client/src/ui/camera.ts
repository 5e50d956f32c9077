/** Takes one picture with the camera. The stream ends with it, and nothing is recorded. */
import { button, el } from "./dom.ts";
import type { Scene } from "./step.ts";

export function hasCamera(): boolean {
  return Boolean(navigator.mediaDevices?.getUserMedia);
}

/** Shows what the camera sees, until the picture is taken (a file) or not (`null`). */
export async function photograph(scene: Scene, stage: HTMLElement): Promise<File | null> {
  const { say } = scene;
  const wish = { video: { width: { ideal: 1280 }, height: { ideal: 960 } }, audio: false };
  const stream = await navigator.mediaDevices.getUserMedia(wish);
  const video = el("video", { autoplay: true, playsinline: true, class: "vp1-video", "aria-label": say("camera.picture") });
  video.muted = true;
  video.srcObject = stream;
  try {
    const taken = await new Promise<boolean>((resolve) => {
      const take = button(say("camera.take"), () => resolve(true));
      stage.replaceChildren(
        video,
        el("div", { class: "vp1-pair" }, take, button(say("camera.stop"), () => resolve(false), { class: "quiet" })),
      );
      take.focus();
    });
    return taken ? await still(video) : null;
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
    stage.replaceChildren();
  }
}

async function still(video: HTMLVideoElement): Promise<File | null> {
  if (!video.videoWidth) await new Promise((resolve) => video.addEventListener("loadeddata", resolve, { once: true }));
  const canvas = el("canvas", { width: video.videoWidth, height: video.videoHeight });
  canvas.getContext("2d")?.drawImage(video, 0, 0);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
  return blob && new File([blob], "picture.jpg", { type: blob.type });
}
