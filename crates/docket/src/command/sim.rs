//! `docket sim`: a simulated month by its seed.

use super::found;
use crate::cli::Sim;
use crate::exit::Ended;
use crate::out::Out;

pub fn run(args: &Sim, out: &mut Out) -> Ended {
    let (text, held) = sim::main_text(args.seed, args.days);
    if out.json() {
        out.value(&serde_json::json!({ "seed": args.seed, "days": args.days, "held": held, "text": text }))?;
    } else {
        out.line(text.trim_end())?;
    }
    Ok(found(!held))
}
