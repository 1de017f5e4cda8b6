//! `docket queue`: what is due.

use super::{instant, open, stop};
use crate::cli::{By, Queue as Args};
use crate::exit::{Ended, Exit, Stop};
use crate::out::{Out, RED, YELLOW, styled};
use app::Opening;
use app::queue::{Item, Order, Queue, Wanted};

pub fn run(args: &Args, out: &mut Out) -> Ended {
    let at = instant(&args.now)?;
    let wanted = Wanted {
        provider: args.provider.clone(),
        account: args.account.clone(),
        assigned_to: args.assigned_to.clone(),
        due_until: args.within.map(|hours| at.plus_hours(hours)),
        order: match args.by {
            By::Time => Order::Time,
            By::Money => Order::Money,
        },
        limit: args.limit,
    };
    let queue = open(&args.desk, Opening::Existing)?
        .queue(&wanted, at)
        .map_err(stop)?;
    if out.json() {
        out.value(&queue)?;
    } else {
        print(&queue, out)?;
    }
    Ok(Exit::Fine)
}

fn print(queue: &Queue, out: &mut Out) -> Result<(), Stop> {
    if queue.total == 0 {
        return out.line("Nothing is due.");
    }
    table(&queue.items, out)?;
    let stake: Vec<String> = queue
        .at_stake
        .iter()
        .map(|amount| amount.0.to_string())
        .collect();
    out.line("")?;
    out.line(&format!(
        "{} of {} shown; {} overdue, {} due within a day; at stake {}",
        queue.items.len(),
        queue.total,
        queue.overdue,
        queue.due_in_a_day,
        stake.join(", ")
    ))
}

/// The lines of a queue, also for the morning summary.
pub fn table(items: &[Item], out: &mut Out) -> Result<(), Stop> {
    let rows = items.iter().map(|item| {
        let amount = item
            .amount
            .map(|amount| amount.0.to_string())
            .unwrap_or_default();
        vec![
            left(item),
            item.due_by.0.to_string(),
            amount,
            item.provider.clone(),
            item.dispute.clone(),
            item.duty.clone(),
            item.reason.clone(),
            item.assigned_to.clone(),
        ]
    });
    out.table(
        &[
            "left", "due by", ">amount", "provider", "dispute", "duty", "reason", "with",
        ],
        rows.collect(),
    )
}

fn left(item: &Item) -> String {
    let hours = item.hours_left;
    if item.overdue {
        styled(RED, "overdue")
    } else if hours < 24 {
        styled(YELLOW, &format!("{hours} h"))
    } else {
        format!("{} d", hours / 24)
    }
}
