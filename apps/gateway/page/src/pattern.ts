/** Draws the generated moving picture at a moment: shapes with clear edges, colours, and a running clock. */
export function drawPattern(context: CanvasRenderingContext2D, seconds: number): void {
  const { width, height } = context.canvas;
  const sky = context.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, `hsl(${(seconds * 6) % 360} 45% 28%)`);
  sky.addColorStop(1, `hsl(${(seconds * 6 + 60) % 360} 55% 58%)`);
  context.fillStyle = sky;
  context.fillRect(0, 0, width, height);

  for (let bar = 0; bar < 9; bar += 1) {
    const x = ((bar * width) / 8 + seconds * 30) % (width + 40);
    context.fillStyle = `hsl(${bar * 40} 60% 70% / 0.35)`;
    context.fillRect(x - 40, height * 0.62, 22, height * 0.38);
  }
  for (let ball = 0; ball < 5; ball += 1) {
    const angle = seconds * (0.5 + ball * 0.13) + (ball * Math.PI * 2) / 5;
    const x = width / 2 + Math.cos(angle) * width * 0.32;
    const y = height * 0.44 + Math.sin(angle * 1.4) * height * 0.26;
    context.beginPath();
    context.arc(x, y, 18 + ball * 7, 0, Math.PI * 2);
    context.fillStyle = `hsl(${ball * 72 + 20} 75% 60%)`;
    context.fill();
    context.lineWidth = 3;
    context.strokeStyle = 'rgb(255 255 255 / 0.85)';
    context.stroke();
  }
  context.fillStyle = 'white';
  context.font = '600 30px ui-monospace, monospace';
  context.textBaseline = 'top';
  context.fillText(seconds.toFixed(2).padStart(7, '0'), 18, 16);
}
