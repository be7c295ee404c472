/** The sphere, its electrons and the polyhedron they span, drawn by three.js; turned by pointer, touch and keys. */
import {
  AmbientLight,
  Color,
  DirectionalLight,
  DoubleSide,
  Group,
  InstancedMesh,
  LineBasicMaterial,
  LineSegments,
  Matrix4,
  Mesh,
  MeshStandardMaterial,
  PerspectiveCamera,
  Scene,
  SphereGeometry,
  Vector3,
  WebGLRenderer,
  WireframeGeometry,
} from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import { ConvexGeometry } from "three/addons/geometries/ConvexGeometry.js";

const electron = new Color(0x2f86eb);
const opposite = new Color(0x9fb6cc);
const mostElectrons = 200;
/** Degrees, of the shorter side. */
const fieldOfView = 42;

export class SphereScene {
  private readonly scene = new Scene();
  private readonly camera = new PerspectiveCamera(fieldOfView, 1, 0.1, 50);
  private readonly renderer: WebGLRenderer;
  private readonly controls: OrbitControls;
  private readonly group = new Group();
  /** Whether the picture differs from what is on the screen: a page at rest draws nothing. */
  private stale = true;
  private readonly electrons = new InstancedMesh(
    new SphereGeometry(1, 20, 14),
    new MeshStandardMaterial({ roughness: 0.35, metalness: 0.1 }),
    mostElectrons,
  );
  private readonly edges = new LineSegments(
    undefined,
    new LineBasicMaterial({ color: 0x8a93a1, transparent: true, opacity: 0.55 }),
  );

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.renderer = new WebGLRenderer({ canvas, antialias: true, alpha: true });
    this.renderer.setPixelRatio(Math.min(devicePixelRatio, 2));
    const ball = new Mesh(
      new SphereGeometry(0.985, 64, 48),
      new MeshStandardMaterial({
        color: 0xb9c4d2,
        transparent: true,
        opacity: 0.32,
        side: DoubleSide,
        depthWrite: false,
      }),
    );
    this.group.add(ball, this.electrons, this.edges);
    const sun = new DirectionalLight(0xffffff, 2.4);
    sun.position.set(2, 3, 4);
    this.scene.add(this.group, sun, new AmbientLight(0xffffff, 1.3));
    this.camera.position.set(0, 0.6, 3.4);
    this.controls = new OrbitControls(this.camera, canvas);
    this.controls.enablePan = false;
    this.controls.enableDamping = true;
    this.controls.minDistance = 1.6;
    this.controls.maxDistance = 9;
    this.controls.addEventListener("change", () => {
      this.stale = true;
    });
    canvas.addEventListener("keydown", (event) => this.turnByKey(event));
    new ResizeObserver(() => this.fit()).observe(canvas.parentElement!);
    this.fit();
  }

  /** @param lines also draw each electron's antipode, paler: in half space a neuron is a line */
  show(positions: Float32Array, lines: boolean): void {
    const count = positions.length / 3;
    const radius = Math.min(0.07, 0.3 / Math.sqrt(count));
    const points: Vector3[] = [];
    const place = new Matrix4();
    const put = (x: number, y: number, z: number, color: Color) => {
      place.makeScale(radius, radius, radius).setPosition(x, y, z);
      this.electrons.setMatrixAt(points.length, place);
      this.electrons.setColorAt(points.length, color);
      points.push(new Vector3(x, y, z));
    };
    for (let n = 0; n < positions.length; n += 3) {
      const [x, y, z] = [positions[n]!, positions[n + 1]!, positions[n + 2]!];
      put(x, y, z, electron);
      if (lines) put(-x, -y, -z, opposite);
    }
    this.electrons.count = points.length;
    this.electrons.instanceMatrix.needsUpdate = true;
    if (this.electrons.instanceColor) this.electrons.instanceColor.needsUpdate = true;
    this.span(points);
    this.stale = true;
  }

  /** Draws a frame, if there is anything new in it. */
  render(): void {
    this.controls.update();
    if (!this.stale) return;
    this.stale = false;
    this.renderer.render(this.scene, this.camera);
  }

  /** The edges of the convex hull; fewer than four points, or points in a plane, have none. */
  private span(points: Vector3[]): void {
    this.edges.visible = points.length >= 4;
    if (!this.edges.visible) return;
    const hull = new ConvexGeometry(points);
    this.edges.geometry.dispose();
    this.edges.geometry = new WireframeGeometry(hull);
    hull.dispose();
  }

  private turnByKey(event: KeyboardEvent): void {
    const turn = 0.08;
    const zoom = 1.08;
    const moves: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => this.group.rotateOnWorldAxis(new Vector3(0, 1, 0), -turn),
      ArrowRight: () => this.group.rotateOnWorldAxis(new Vector3(0, 1, 0), turn),
      ArrowUp: () => this.group.rotateOnWorldAxis(new Vector3(1, 0, 0), -turn),
      ArrowDown: () => this.group.rotateOnWorldAxis(new Vector3(1, 0, 0), turn),
      "+": () => this.camera.position.divideScalar(zoom),
      "-": () => this.camera.position.multiplyScalar(zoom),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
    this.stale = true;
  }

  private fit(): void {
    const { clientWidth, clientHeight } = this.canvas.parentElement!;
    this.renderer.setSize(clientWidth, clientHeight, false);
    this.camera.aspect = clientWidth / Math.max(1, clientHeight);
    // The sphere fits the shorter side.
    const shorter = Math.min(1, this.camera.aspect);
    this.camera.fov = (360 / Math.PI) * Math.atan(Math.tan((fieldOfView * Math.PI) / 360) / shorter);
    this.camera.updateProjectionMatrix();
    this.stale = true;
  }
}
